// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    IMorphoBlue,
    IMorphoIrm,
    IMorphoOracle,
    MorphoMarket,
    MorphoMarketParams,
    MorphoPosition
} from "../interfaces/external/IMorphoBlue.sol";
import {ProtocolAdapter} from "./ProtocolAdapter.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Common parts of both Morpho adapters: the markets served, Morpho's view of a position, the return of surplus.
/// @notice A position is `abi.encode(bytes32 id, address borrower)`.
/// @dev Any account can create a Morpho market with an oracle of its own, so an adapter serves only the ids given at
/// its construction. Amounts follow Morpho step by step, rounding included.
abstract contract MorphoAdapter is ProtocolAdapter {
    using Math for uint256;
    using SafeERC20 for IERC20;

    /// @dev A borrower's debt with interest to this block, and what prices it.
    struct Loan {
        MorphoMarketParams params;
        uint256 price; // 1e36
        uint256 collateral;
        uint256 shares;
        uint256 totalAssets;
        uint256 totalShares;
    }

    uint256 internal constant WAD = 1e18;
    uint256 internal constant PRICE_SCALE = 1e36;
    uint256 private constant VIRTUAL_SHARES = 1e6;
    uint256 private constant VIRTUAL_ASSETS = 1;

    /// @dev The parameters of a served market, as the code of a contract without functions. Morpho never changes them,
    /// and reading their five slots would cost each landing 10,000 gas more.
    mapping(bytes32 id => address snapshot) private _snapshots;

    error MarketNotServed(bytes32 id);
    error FeedsUnknown(bytes32 id, address oracle);

    constructor(IMorphoBlue morpho, address escrow, address badDebtRecipient, uint256 maxPriceAge, bytes32[] memory ids)
        ProtocolAdapter(address(morpho), escrow, badDebtRecipient, maxPriceAge)
    {
        for (uint256 i; i < ids.length; ++i) {
            MorphoMarketParams memory params = morpho.idToMarketParams(ids[i]);
            if (params.loanToken == address(0)) revert MarketNotServed(ids[i]);
            if (params.loanToken == params.collateralToken) revert SameAsset(params.loanToken);
            (bool named,) = _feed(params.oracle, IMorphoOracle.BASE_FEED_1.selector);
            if (!named) revert FeedsUnknown(ids[i], params.oracle);
            _snapshots[ids[i]] = Clones.cloneWithImmutableArgs(address(0), abi.encode(params));
        }
    }

    /// @notice Supplies the surplus as collateral of the position, also of a position that has been closed since. The
    /// surplus of a position whose liquidation left bad debt goes to the bad-debt recipient.
    /// @param position abi.encode(id, borrower).
    /// @param amount Collateral units already here.
    /// @dev Escrow only.
    function returnSurplus(bytes calldata position, uint256 amount) external onlyEscrow {
        (bytes32 id, address borrower) = _decode(position);
        if (amount == 0) return;
        MorphoMarketParams memory params = _paramsOf(id);
        IERC20 collateral = IERC20(params.collateralToken);
        if (_leftBadDebt(id, borrower)) {
            collateral.safeTransfer(BAD_DEBT_RECIPIENT, amount);
        } else {
            collateral.forceApprove(PROTOCOL, amount);
            _morpho().supplyCollateral(params, amount, borrower, "");
        }
    }

    /// @dev Whether the position's lenders lost money at a recent liquidation.
    function _leftBadDebt(bytes32 id, address borrower) internal view virtual returns (bool);

    function _tokens(bytes calldata position) internal view override returns (IERC20 collateral, IERC20 debt) {
        (bytes32 id,) = _decode(position);
        MorphoMarketParams memory params = _paramsOf(id);
        return (IERC20(params.collateralToken), IERC20(params.loanToken));
    }

    /// @dev Collateral value × LLTV / debt, WAD, rounded down as Morpho's own check; the maximum without debt.
    function _health(Loan memory loan) internal pure returns (uint256) {
        if (loan.shares == 0) return type(uint256).max;
        uint256 value = loan.collateral.mulDiv(loan.price, PRICE_SCALE);
        return value.mulDiv(loan.params.lltv, WAD).mulDiv(WAD, _toAssets(loan, loan.shares, Math.Rounding.Ceil));
    }

    /// @dev Reads a position as Morpho would see it after accruing interest. Reverts on a price of zero.
    function _loan(bytes32 id, address borrower) internal view returns (Loan memory loan) {
        loan.params = _paramsOf(id);
        MorphoPosition memory position = _morpho().position(id, borrower);
        (loan.collateral, loan.shares) = (position.collateral, position.borrowShares);
        MorphoMarket memory market = _morpho().market(id);
        loan.totalShares = market.totalBorrowShares;
        loan.totalAssets = market.totalBorrowAssets + _interest(loan.params, market);
        loan.price = IMorphoOracle(loan.params.oracle).price();
        if (loan.price == 0) revert PriceMissing(loan.params.oracle);
    }

    /// @notice Whether the adapter serves a Morpho market.
    function isServed(bytes32 id) external view returns (bool) {
        return _snapshots[id] != address(0);
    }

    /// @dev Every feed that the oracle names must be fresh.
    function _requireFreshPrice(address oracle) internal view {
        bytes4[4] memory getters = [
            IMorphoOracle.BASE_FEED_1.selector,
            IMorphoOracle.BASE_FEED_2.selector,
            IMorphoOracle.QUOTE_FEED_1.selector,
            IMorphoOracle.QUOTE_FEED_2.selector
        ];
        for (uint256 i; i < getters.length; ++i) {
            (, address feed) = _feed(oracle, getters[i]);
            if (feed != address(0)) _requireFresh(feed);
        }
    }

    function _morpho() internal view returns (IMorphoBlue) {
        return IMorphoBlue(PROTOCOL);
    }

    /// @dev Reverts for a market not served.
    function _decode(bytes calldata position) internal view returns (bytes32 id, address borrower) {
        if (position.length != 64) revert NonCanonicalPosition();
        (id, borrower) = (bytes32(position[:32]), _addressAt(position, 1));
        if (_snapshots[id] == address(0)) revert MarketNotServed(id);
    }

    function _paramsOf(bytes32 id) internal view returns (MorphoMarketParams memory) {
        return abi.decode(Clones.fetchCloneArgs(_snapshots[id]), (MorphoMarketParams));
    }

    function _toShares(Loan memory loan, uint256 assets, Math.Rounding rounding) internal pure returns (uint256) {
        return assets.mulDiv(loan.totalShares + VIRTUAL_SHARES, loan.totalAssets + VIRTUAL_ASSETS, rounding);
    }

    function _toAssets(Loan memory loan, uint256 shares, Math.Rounding rounding) internal pure returns (uint256) {
        return shares.mulDiv(loan.totalAssets + VIRTUAL_ASSETS, loan.totalShares + VIRTUAL_SHARES, rounding);
    }

    /// @dev Interest since the last accrual: Morpho._accrueInterest with MathLib.wTaylorCompounded.
    function _interest(MorphoMarketParams memory params, MorphoMarket memory market) private view returns (uint256) {
        uint256 elapsed = block.timestamp - market.lastUpdate;
        if (elapsed == 0 || params.irm == address(0)) return 0;
        uint256 first = IMorphoIrm(params.irm).borrowRateView(params, market) * elapsed;
        uint256 second = first.mulDiv(first, 2 * WAD);
        uint256 third = second.mulDiv(first, 3 * WAD);
        return uint256(market.totalBorrowAssets).mulDiv(first + second + third, WAD);
    }
}
