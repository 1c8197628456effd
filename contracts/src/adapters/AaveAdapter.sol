// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AaveReserve, IAaveAddressesProvider, IAaveOracle} from "../interfaces/external/IAaveV3.sol";
import {AaveReader} from "./AaveReader.sol";
import {ProtocolAdapter} from "./ProtocolAdapter.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title What both Aave adapters share: the position's encoding, the age of prices, the surplus's way back.
/// @notice A position is `abi.encode(address user, address collateral, address debt)`.
abstract contract AaveAdapter is ProtocolAdapter, AaveReader {
    using SafeERC20 for IERC20;

    uint256 private constant RAY = 1e27;
    uint256 private constant SUPPLY_CAP_MASK = 2 ** 36 - 1; // whole tokens

    constructor(IAaveAddressesProvider provider, address escrow, address badDebtRecipient, uint256 maxPriceAge)
        ProtocolAdapter(provider.getPool(), escrow, badDebtRecipient, maxPriceAge)
        AaveReader(provider)
    {}

    /// @notice Supplies the surplus on the user's behalf; hands it over where the reserve takes no deposit (inactive,
    /// frozen, paused, cap reached). An account left with debt and no collateral at all gets none.
    /// @param position abi.encode(user, collateral, debt).
    /// @param amount Collateral units already here.
    /// @dev Escrow only. Aave enables a user's first deposit of an asset as collateral by itself, and that only; one who
    /// holds the asset but doesn't use it as collateral finds the surplus in that balance. The conditions are read, not
    /// tried, so that a caller who gives too little gas can't choose the outcome.
    function returnSurplus(bytes calldata position, uint256 amount) external onlyEscrow {
        (address user, address collateral,) = _decode(position);
        if (amount == 0) return;
        if (_leftBadDebt(user)) {
            IERC20(collateral).safeTransfer(BAD_DEBT_RECIPIENT, amount);
        } else if (_takesDeposit(collateral, amount)) {
            IERC20(collateral).forceApprove(PROTOCOL, amount);
            _pool().supply(collateral, amount, user, 0);
        } else {
            IERC20(collateral).safeTransfer(user, amount);
        }
    }

    function _tokens(bytes calldata position) internal pure override returns (IERC20, IERC20) {
        (, address collateral, address debt) = _decode(position);
        return (IERC20(collateral), IERC20(debt));
    }

    /// @dev Whether the user has debt and no collateral.
    function _leftBadDebt(address user) internal view virtual returns (bool) {
        uint256 used = _pool().getUserConfiguration(user);
        return used & BORROWING_BITS != 0 && used & COLLATERAL_BITS == 0;
    }

    /// @dev Reverts unless every price in a user's health factor is there and fresh.
    /// @param used The user's configuration: two bits for each reserve.
    function _requireFreshPrices(uint256 used, Mode memory mode, IAaveOracle oracle) internal view {
        address modeSource = mode.priceSource;
        if (modeSource != address(0)) _requireFreshPrice(modeSource, oracle);
        for (uint16 id; used != 0; (++id, used >>= 2)) {
            if (used & 3 == 0) continue;
            address asset = _pool().getReserveAddressById(id);
            if (modeSource != address(0) && _inMode(mode, _pool().getConfiguration(asset), id)) continue;
            _requireFreshPrice(asset, oracle);
        }
    }

    function _decode(bytes calldata position) internal pure returns (address user, address collateral, address debt) {
        if (position.length != 96) revert NonCanonicalPosition();
        (user, collateral, debt) = (_addressAt(position, 0), _addressAt(position, 1), _addressAt(position, 2));
        if (collateral == debt) revert SameAsset(collateral);
    }

    function _requireFreshPrice(address asset, IAaveOracle oracle) private view {
        address source = oracle.getSourceOfAsset(asset);
        if (source != address(0)) return _requireFresh(source);
        if (asset != oracle.BASE_CURRENCY()) revert PriceMissing(asset);
    }

    /// @dev ValidationLogic.validateSupply, less the treasury's accrual since the reserve's last update.
    function _takesDeposit(address asset, uint256 amount) private view returns (bool) {
        AaveReserve memory reserve = _reserve(asset);
        if (reserve.configuration & (ACTIVE | FROZEN | PAUSED) != ACTIVE) return false;
        uint256 cap = (reserve.configuration >> 116 & SUPPLY_CAP_MASK) * 10 ** uint8(reserve.configuration >> 48);
        if (cap == 0) return true;
        uint256 toTreasury = Math.mulDiv(reserve.accruedToTreasury, _pool().getReserveNormalizedIncome(asset), RAY);
        return IERC20(reserve.aToken).totalSupply() + toTreasury + 1 + amount <= cap;
    }
}
