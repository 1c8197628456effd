// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILiquidationAdapter} from "../interfaces/ILiquidationAdapter.sol";
import {IAaveAddressesProvider, IAaveOracle} from "../interfaces/external/IAaveV3.sol";
import {AaveAdapter} from "./AaveAdapter.sol";
import {AaveLiquidation} from "./AaveLiquidation.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Liquidates positions of one Aave v3 pool, of 3.6 or later.
/// @notice A position is `abi.encode(address user, address collateral, address debt)`.
contract AaveV3Adapter is AaveAdapter {
    using AaveLiquidation for AaveLiquidation.Pair;

    /// @dev What may be liquidated of a position.
    struct Assessment {
        address collateral;
        address debt;
        uint256 repay;
        uint256 seizable;
        uint256 health;
        uint256 most; // debt units: what the close factor allows
        bool byCollateral; // whether the whole collateral bounds the repay amount
        AaveLiquidation.Pair pair;
    }

    /// @dev The call to Aave, and the state that shows afterwards whether the call left bad debt.
    struct Cover {
        uint256 amount; // debt units
        uint256 owed; // debt units
        uint256 debtId;
    }

    uint256 private constant HEALTHY = 1e18;
    /// @dev What the roundings of one seizure can add up to in collateral units; those of its price, to one debt unit.
    uint256 private constant ROUNDING = 4;
    uint256 private constant ALL = type(uint256).max;
    /// @dev A cover in one word: owed | id of the debt's reserve (from 8) | all, else what `prepare` found.
    uint256 private constant ALL_BIT = 1;
    uint256 private constant ID_SHIFT = 8;
    uint256 private constant OWED_SHIFT = 24;

    /// @param provider The pool's addresses provider.
    /// @param escrow The only account that may liquidate.
    /// @param badDebtRecipient Gets the surplus of accounts that left bad debt.
    /// @param maxPriceAge Oldest aggregator answer accepted, in seconds.
    constructor(IAaveAddressesProvider provider, address escrow, address badDebtRecipient, uint256 maxPriceAge)
        AaveAdapter(provider, escrow, badDebtRecipient, maxPriceAge)
    {}

    /// @notice The liquidation that Aave would accept now, and what a minute may add to it. The health factor is the
    /// account's, over all its reserves. Their prices must be fresh, except for a negligible part of the account's
    /// other collateral.
    /// @param position abi.encode(user, collateral, debt).
    /// @return collateral The position's collateral asset.
    /// @return debt The position's debt asset.
    /// @return repay Debt that one call takes (bounded by close factor, dust, collateral, and the collateral's cash),
    /// with a minute's interest; with 2 % where the price of all collateral bounds it.
    /// @return seizable Collateral that `repay` buys, after the protocol's fee.
    /// @return health The account's health factor, WAD.
    function assess(bytes calldata position)
        public
        view
        override
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        Assessment memory it = _assess(position);
        (repay, seizable) = _ahead(it.repay, it.seizable, it.byCollateral, it.pair.owed);
        return (it.collateral, it.debt, repay, seizable, it.health);
    }

    /// @inheritdoc ILiquidationAdapter
    function prepare(bytes calldata position)
        external
        override
        onlyEscrow
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        Assessment memory it = _assess(position);
        if (it.repay != 0) {
            Cover memory cover = _cover(it.pair, it.repay, it.most);
            // Another amount than one of these two is rare; the plan is then computed again.
            if (cover.amount == it.repay || cover.amount == ALL) _remember(position, it.repay, _pack(cover));
        }
        return (it.collateral, it.debt, it.repay, it.seizable, it.health);
    }

    /// @notice Whether a liquidation of a user left bad debt within the last 30 days. Aave writes bad debt off in the
    /// same call, so Aave's own state does not show it afterwards.
    function leftBadDebt(address user) public view returns (bool left) {
        return _hasLeftBadDebt(_accountOf(user));
    }

    function _assess(bytes calldata position) private view returns (Assessment memory it) {
        address user;
        (user, it.collateral, it.debt) = _decode(position);
        Mode memory mode = _mode(user);
        IAaveOracle oracle = _oracle();
        uint256 used = _used(user);
        _requireFreshPrices(user, it.collateral, used, mode, oracle);

        uint256 totalDebt;
        (, totalDebt,, it.health) = _sums(user);
        if (it.health >= HEALTHY) return it;

        AaveLiquidation.Pair memory pair = _pair(user, it.collateral, it.debt, mode, oracle);
        it.pair = pair;
        if (!_isOpen(it, used)) return it;
        it.most = pair.mostDebt(it.health, totalDebt);
        (uint256 repay, uint256 seizable) = pair.outcome(pair.withoutDust(it.most));

        uint256 cash = _cash(it.collateral, pair.collateral);
        if (seizable > cash) {
            uint256 part = Math.mulDiv(repay, Math.saturatingSub(cash, ROUNDING), seizable);
            (repay, seizable) = pair.outcome(pair.withoutDust(Math.saturatingSub(part, 1)));
        } else {
            it.byCollateral = repay >= pair.priceOfAll();
        }
        if (repay != 0 && seizable != 0) (it.repay, it.seizable) = (repay, seizable);
    }

    function _liquidate(bytes calldata position, uint256 repay, uint256, address) internal override {
        (address user, address collateral, address debt) = _decode(position);
        (bool known, uint256 plan) = _recall(position, repay);
        Cover memory cover = known ? _unpack(plan, repay) : _coverNow(user, collateral, debt, repay);
        uint256 borrowed = _used(user) & BORROWING_BITS;
        uint256 before = _held(IERC20(debt));
        _pool().liquidationCall(collateral, debt, user, cover.amount, false);
        bool all = before - _held(IERC20(debt)) >= cover.owed;
        uint256 unpaid = all ? borrowed & ~(1 << (2 * cover.debtId)) : borrowed;
        if (unpaid == 0) return;
        // Debt was written off if a reserve that this liquidation left unpaid no longer counts as borrowed. Collateral
        // is no evidence: Aave decides by its value, and worthless collateral remains.
        if (unpaid & ~_used(user) != 0) _noteBadDebt(_accountOf(user));
    }

    function _leftBadDebt(address user) internal view override returns (bool) {
        return leftBadDebt(user) || super._leftBadDebt(user);
    }

    /// @dev The call to Aave for `repay`, by the current state.
    function _coverNow(address user, address collateral, address debt, uint256 repay)
        private
        view
        returns (Cover memory)
    {
        AaveLiquidation.Pair memory pair = _pair(user, collateral, debt, _mode(user), _oracle());
        (, uint256 totalDebt,, uint256 health) = _sums(user);
        return _cover(pair, repay, pair.mostDebt(health, totalDebt));
    }

    /// @dev If `repay` buys all the collateral, the call asks for the most and Aave bounds it by the balance: asking
    /// for the exact amount could, through rounding, leave collateral in a position that should have none.
    /// @param most The most debt that one call takes.
    function _cover(AaveLiquidation.Pair memory pair, uint256 repay, uint256 most)
        private
        pure
        returns (Cover memory cover)
    {
        cover = Cover(repay, pair.owed, pair.debt.id);
        uint256 dustless = pair.withoutDust(Math.min(repay, most));
        if (dustless != most) cover.amount = dustless;
        if (cover.amount == repay && repay >= pair.priceOfAll()) cover.amount = ALL;
    }

    function _pack(Cover memory cover) private pure returns (uint256 plan) {
        plan = cover.owed << OWED_SHIFT | cover.debtId << ID_SHIFT;
        if (cover.amount == ALL) plan |= ALL_BIT;
    }

    function _unpack(uint256 plan, uint256 repay) private pure returns (Cover memory) {
        uint256 amount = plan & ALL_BIT != 0 ? ALL : repay;
        return Cover(amount, plan >> OWED_SHIFT, uint16(plan >> ID_SHIFT));
    }

    function _accountOf(address user) private pure returns (bytes32) {
        return bytes32(uint256(uint160(user)));
    }

    /// @dev The conditions of ValidationLogic.validateLiquidationCall beside health. A bonus of zero: the
    /// asset is no collateral.
    function _isOpen(Assessment memory it, uint256 used) private view returns (bool) {
        if (!_areOpen(it.pair) || !_isCollateral(used, it.pair.collateral.id) || it.pair.bonus == 0) return false;
        return !_isProtected(it.collateral, it.debt, it.health);
    }
}
