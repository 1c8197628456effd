// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MarginBounds, MarginTerms} from "../interfaces/IMarginCall.sol";
import {IAaveAddressesProvider} from "../interfaces/external/IAaveV3.sol";
import {AaveAdapter} from "./AaveAdapter.sol";
import {AaveLiquidation} from "./AaveLiquidation.sol";
import {MarginCallTerms} from "./MarginCallTerms.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Trims positions of one Aave v3 pool whose borrowers agreed to it, above Aave's own threshold.
/// @notice A position is `abi.encode(address user, address collateral, address debt)`. The permission is an allowance
/// of the collateral's aToken to this contract, given by transaction (`approve`) or signature (`permit`). With it, this
/// contract can repay the user's debt, and withdraw collateral to the escrow in exchange: worth at most the debt repaid
/// and the user's maximum penalty, and only below the user's trigger. No account can change or extend these limits.
contract AaveMarginCall is AaveAdapter, MarginCallTerms {
    using AaveLiquidation for AaveLiquidation.Pair;
    using SafeERC20 for IERC20;

    /// @dev The amounts that the terms allow to be called of a position; the debt over all the user's reserves in base
    /// currency.
    struct Call {
        address user;
        address collateral;
        address debt;
        uint256 totalDebt;
        uint256 health;
        uint256 repay;
        uint256 seizable;
        AaveLiquidation.Pair pair; // with the penalty in the place of the bonus
    }

    uint256 private constant WAD = 1e18;
    uint256 private constant VARIABLE = 2;
    /// @dev An allowance below this part of the collateral counts as none.
    uint256 private constant LEAST_ALLOWANCE = 100;

    /// @param provider The pool's addresses provider.
    /// @param escrow The only account that may call a margin, and the only one to receive collateral.
    /// @param badDebtRecipient Gets the surplus of accounts with debt and no collateral. Aave writes such debt off in
    /// the liquidation that leaves it, so this contract cannot see it: the surplus is then the user's.
    /// @param maxPriceAge Oldest aggregator answer accepted, in seconds.
    /// @param bounds_ What terms users may choose.
    constructor(
        IAaveAddressesProvider provider,
        address escrow,
        address badDebtRecipient,
        uint256 maxPriceAge,
        MarginBounds memory bounds_
    ) AaveAdapter(provider, escrow, badDebtRecipient, maxPriceAge) MarginCallTerms(bounds_) {}

    /// @notice The amounts that the user's terms allow to be called now.
    /// @param position abi.encode(user, collateral, debt).
    /// @return collateral The position's collateral asset.
    /// @return debt The position's debt asset.
    /// @return repay Debt that lifts the account's health to the target, bounded by this debt, and by collateral,
    /// allowance and cash of this collateral; zero without terms, permission, or effect, and while Aave protects the
    /// account from liquidation (after an outage of the sequencer, in a reserve's grace period).
    /// @return seizable Collateral units worth `repay` and the maximum penalty.
    /// @return health The account's health factor as a part of the user's trigger, WAD; without terms, the health
    /// factor.
    function assess(bytes calldata position)
        public
        view
        override
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        MarginTerms memory terms = _termsOf(position);
        Call memory call = _account(position);
        Mode memory mode = _mode(call.user);
        _requireFreshPrices(call.user, call.collateral, _used(call.user), mode, _oracle());
        _size(call, mode, terms);
        return (call.collateral, call.debt, call.repay, call.seizable, _relative(call.health, terms));
    }

    function _liquidate(bytes calldata position, uint256 repay, uint256 wanted, address recipient) internal override {
        if (recipient != ESCROW) revert NotEscrow(recipient);
        Call memory call = _account(position);
        _size(call, _mode(call.user), _termsOf(position));
        uint256 most = Math.min(repay, call.repay);
        if (most == 0) revert NotCallable(call.health);

        uint256 spent = _held(IERC20(call.debt));
        _pool().repay(call.debt, most, VARIABLE, call.user);
        spent -= _held(IERC20(call.debt));
        if (spent < repay) wanted = Math.mulDiv(wanted, spent, repay, Math.Rounding.Ceil);
        uint256 taken = Math.min(wanted, Math.min(call.seizable, call.pair.gross(spent)));
        if (taken != 0) _take(call.user, call.collateral, IERC20(call.pair.collateral.aToken), taken);

        (,,, uint256 afterwards) = _sums(call.user);
        if (afterwards < call.health) revert HealthFell(call.health, afterwards);
    }

    /// @dev Withdraws exactly `amount` to the escrow. Aave rounds a transfer and a withdrawal of aTokens alike, so none
    /// is left here.
    function _take(address user, address collateral, IERC20 aToken, uint256 amount) private {
        aToken.safeTransferFrom(user, address(this), amount);
        _pool().withdraw(collateral, amount, ESCROW);
    }

    function _borrowerOf(bytes calldata position) internal pure override returns (address user) {
        (user,,) = _decode(position);
    }

    function _isPermitted(bytes calldata position) internal view override returns (bool) {
        (address user, address collateral,) = _decode(position);
        IERC20 aToken = IERC20(_reserve(collateral).aToken);
        uint256 allowed = aToken.allowance(user, address(this));
        return allowed != 0 && allowed >= aToken.balanceOf(user) / LEAST_ALLOWANCE;
    }

    /// @dev The position's parts and its user's sums.
    function _account(bytes calldata position) private view returns (Call memory call) {
        (call.user, call.collateral, call.debt) = _decode(position);
        (, call.totalDebt,, call.health) = _sums(call.user);
    }

    /// @dev Just enough to reach the target, as far as the pair reaches, provided that Aave would let the collateral go
    /// and health does not fall.
    function _size(Call memory call, Mode memory mode, MarginTerms memory terms) private view {
        if (terms.triggerBps == 0 || _relative(call.health, terms) >= WAD) return;
        if (_isProtected(call.collateral, call.debt, call.health)) return;
        AaveLiquidation.Pair memory pair = _pair(call.user, call.collateral, call.debt, mode, _oracle());
        if (!_mayWithdraw(call.user, mode, pair)) return;
        (pair.bonus, pair.fee) = (BPS + terms.penaltyBps, 0);
        uint256 allowed = IERC20(pair.collateral.aToken).allowance(call.user, address(this));
        pair.balance = Math.min(pair.balance, Math.min(allowed, _cash(call.collateral, pair.collateral)));
        call.pair = pair;

        uint256 value = _debtToTarget(call.totalDebt, call.health, pair.threshold * 1e14, terms);
        uint256 repay = Math.min((value * pair.debtUnit) / pair.debtPrice, pair.owed);
        uint256 seizable = pair.gross(repay);
        if (seizable > pair.balance) {
            repay = pair.priceOfAll();
            seizable = Math.min(pair.gross(repay), pair.balance);
        }
        if (repay == 0 || seizable == 0 || !_helps(call, repay, seizable)) return;
        (call.repay, call.seizable) = (repay, seizable);
    }

    /// @dev Whether health, by the least it can be after Aave's roundings, neither falls nor ends below Aave's
    /// threshold.
    function _helps(Call memory call, uint256 repay, uint256 seizable) private pure returns (bool) {
        AaveLiquidation.Pair memory pair = call.pair;
        uint256 given = Math.ceilDiv((seizable + 1) * pair.collateralPrice, pair.collateralUnit);
        uint256 paid = ((repay - 1) * pair.debtPrice) / pair.debtUnit;
        if (paid >= call.totalDebt) return false;
        // Base currency · basis points; Aave rounds half up where this rounds down.
        uint256 weighted = Math.saturatingSub(Math.mulDiv(call.health, call.totalDebt, WAD / BPS), 1);
        uint256 left = Math.saturatingSub(weighted, given * pair.threshold);
        return Math.mulDiv(left, WAD / BPS, call.totalDebt - paid) >= Math.max(call.health, WAD);
    }

    /// @dev Aave's conditions of a withdrawal beside health: both reserves are open, the deposit is used as collateral,
    /// and while one of the user's collaterals has a loan-to-value of zero, only such collateral may be withdrawn.
    function _mayWithdraw(address user, Mode memory mode, AaveLiquidation.Pair memory pair)
        private
        view
        returns (bool)
    {
        uint256 used = _used(user) & COLLATERAL_BITS;
        if (!_areOpen(pair) || !_isCollateral(used, pair.collateral.id)) return false;
        if (_ltv(mode, pair.collateral.configuration, pair.collateral.id) == 0) return true;
        for (uint16 id; used != 0; (++id, used >>= 2)) {
            if (used & 2 == 0 || id == pair.collateral.id) continue;
            uint256 configuration = _pool().getConfiguration(_pool().getReserveAddressById(id));
            if (_ltv(mode, configuration, id) == 0) return false;
        }
        return true;
    }
}
